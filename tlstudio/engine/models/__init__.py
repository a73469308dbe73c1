"""Networks from timm's registry: made by exact name, given weights, divided into stages."""
