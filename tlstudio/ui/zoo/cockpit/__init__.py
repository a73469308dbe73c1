"""The transfer cockpit: what of a network is kept, what trains and how fast, and what that will cost.

`CockpitModel` is the whole state; estimates are pure functions of it, so that they follow the slider. A page of the Models panel.
"""
