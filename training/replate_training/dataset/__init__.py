"""`replate dataset`: what training learns from, made of whatever lies on the disk. Imports no torch.

The path of a picture: `clips` finds it, `light` makes plain colour of it, `survey` looks at it by way of its `proxy`,
`cuts` and `kinship` say to which shot and group it belongs, `selection` takes it or leaves it, `writing` writes it,
`pairs` renders it through looks and `effects`, `manifest`, `report` and `contact` tell of it. `build` leads.
"""
