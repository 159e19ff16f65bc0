"""Statistics of evaluations: arrays in, an `Estimate` out; numpy and scipy only.

Import from the modules: `estimate` (mean, ratio, standard error), `intervals`, `samples`, `paired`,
`families`, `suites`. Nothing is loaded before it is asked for.
"""
