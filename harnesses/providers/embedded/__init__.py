"""A character-level language model of about a hundred thousand weights, in numpy alone.

It exists so that everything can be tried without a GPU, a server or a download: it really learns, and its
probabilities are real.
"""
