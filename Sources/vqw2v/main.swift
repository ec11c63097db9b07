print("vqw2v")
