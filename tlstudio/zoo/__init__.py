"""WHICH networks and weights are here: the catalogue of architectures, and the library of weights on this machine.

Works on names, shapes and bytes alone: nothing here imports torch or timm, runs a foreign file or asks the network.
Foreign weights are read as safetensors only, header first, with every length checked before it is believed.
"""
