"""The Data panel: look at the images, class them, divide them, see what is wrong with them."""
