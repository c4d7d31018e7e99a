"""What `sklaudio.save` and `sklaudio.load` are made of: from model to nodes, from nodes to bytes, and back with doubt.

`encode` writes a model as nodes of skops and arrays of numpy, `archive` puts these into a zip file and takes them out,
`audit` reads the nodes before skops does and lets through what `known` lists, `contents` looks at the model that came
out. A file is read in that order, so that nothing in it is imported or built before all of it was found to be ours.
"""
