"""What figures, sentences and checked reports say in words, at the desk and over the network alike."""
