"""What the papers' figures and tables claim, in our words: one entry for each that we reproduce.

Numbers marked *read off* were read off a published figure by eye.

Chapter: Scorecard.
"""

from typing import NamedTuple


class Claim(NamedTuple):
    """A figure or table of a paper.

    Attributes:
        paper: short name and venue.
        what: what is on the axes.
        claim: in one sentence.
        said: the numbers that are reported.
    """

    paper: str
    what: str
    claim: str
    said: str


_G = "Chen et al., ICLR 2024"
_L = "Cheng et al., ICML 2024"
_D = "Ren et al., dynamics, 2024"
_F = "Zhou et al., FITEE 2025"
_C = "Ren et al., CVPR 2023"
_S = "Ren et al., ICLR 2024"
_LZ = "Li & Zhang, ICML 2023"
_B = "Deng et al., ICLR 2022"
_W = "Wang et al., ICLR 2021"
_U = "Deng et al., TPAMI 2024"

CLAIMS: dict[str, Claim] = {
    "G-1": Claim(_G, "shared and own interactions of two networks on one sentence (also 5, 9)",
        "Extracted jointly, two networks share more of their strongest interactions.",
        "of the 50 strongest, 25 shared jointly, 16 separately"),
    "G-2": Claim(_G, "pooled strengths in falling order, joint, separate and AND only",
        "Explanations are sparse, and extracting jointly costs little of that.",
        "salient a sample: BERT-base 19.7, BERT-large 54.5, LLaMA 2.5, OPT 1.5, ResNet-20 25.6, "
        "VGG-16 31.8 of 2,048"),
    "G-3": Claim(_G, "share of the top k in common, against k, joint, separate and AND only",
        "Joint extraction finds interactions that generalise from one network to another.",
        "read off, SST-2 at k = 51: AND .37 joint, .21 separate, .125 AND only"),
    "G-4": Claim(_G, "strength of all and of shared interactions against order",
        "What networks share is of low order.", "bars; no number in the text"),
    "G-6": Claim(_G, "all outputs of the masked inputs in order, with the error of the salient few",
        "The salient few interactions match the outputs on all masked inputs.",
        "curves for BERT-base on sentences of 15 tokens; no number"),
    "G-7": Claim(_G, "sparsity and sharing, AND only against joint AND–OR",
        "Allowing OR beside AND gives sparser and more general explanations.", "curves; no number"),
    "G-8": Claim(_G, "sparsity and sharing for weights α from 0 to 1",
        "α hardly changes the sparsity, and sharing falls as it grows.", "curves; no number"),
    "G-10": Claim(_G, "strengths against order for two pairs of language models",
        "Two large language models share more than one does with BERT.", "bars; no number"),
    "G-11": Claim(_G, "matching precision of the top k against k, five networks",
        "Few interactions reach a high matching precision.", "curves; no number"),
    "G-12": Claim(_G, "five strongest interactions from two starts of the optimiser",
        "Separate extraction has several solutions: from two starts, few of the five recur.",
        "1 or 2 of 5 recur, as one reads it"),
    "G-T1": Claim(_G, "seconds a sample", "Joint extraction takes under a minute a sample.",
        "45.1, 46.6 and 27.2 s"),
    "G-T2": Claim(_G, "overlap of the 100 strongest from two random starts",
        "Minimising the length alone has many different solutions.",
        "10.9 to 20.9 % of 100 in common"),
    "G-T3": Claim(_G, "accuracies", "The networks that are explained do their task.",
        "91.3 and 93.3 % (SST-2), 100 % (digit 3)"),
    "L-2": Claim(_L, "pooled strengths in falling order, six networks",
        "Few AND–OR interactions are salient.",
        "about 21.8 a picture of MNIST, 45.6 of CIFAR-10"),
    "L-3a": Claim(_L, "strength in common, forgotten and new against order, layer by layer",
        "Low layers hold much that is forgotten later; low orders are kept.", "bars; no number"),
    "L-3b": Claim(_L, "completeness and redundancy against depth",
        "Completeness rises early except for high orders; redundancy rises, then falls.",
        "curves; no number"),
    "L-4": Claim(_L, "overlap of two networks' salient sets against order",
        "Interactions of low order generalise across networks.", "curves; no number"),
    "L-5": Claim(_L, "stability under noise in the input against order",
        "Interactions of low order are stable.", "curves; no number"),
    "L-6": Claim(_L, "interactions beside Integrated Gradients and Shapley values, two layers",
        "Interactions show how knowledge changes where attributions do not.",
        "pictures only"),
    "L-7": Claim(_L, "figures 3, 4 and 5 for OR interactions (also 8, 9)",
        "What holds for AND holds for OR.", "curves; no number"),
    "L-10": Claim(_L, "figure 3 for a network on tables",
        "On tables little is learned that is forgotten later.", "bars; no number"),
    "L-11": Claim(_L, "strengths for the noise bounds .03, .04 and .05",
        "The bound κ on the noise hardly matters.", "the three curves nearly coincide"),
    "L-12": Claim(_L, "relative change of the masked input under noise, against order",
        "The noise of the stability test is equally strong for every order.",
        "flat medians, a box an order"),
    "L-K": Claim(_L, "the exceptions of appendix K",
        "Fully connected, VGG-11 and tabular networks show little redundancy.", "in words"),
    "D-1": Claim(_D, "strength against order at five moments of training",
        "Training has two phases: high orders vanish, then orders climb with the loss gap.",
        "read off: peak near order 6–7 at the start, order 1 at the end of the first phase"),
    "D-2": Claim(_D, "distribution over orders, theory beside measurement",
        "A ridge regression with falling noise predicts the second phase.",
        "read off, AlexNet's share of order 1: .79, .66, .42 measured; .80, .66, .39 predicted"),
    "D-3": Claim(_D, "similarity of training and test interactions against order",
        "Interactions of high order carry over less from training to test samples.",
        "read off, VGG-11: .48, .26, .10, .04"),
    "D-4": Claim(_D, "orders of normal and mislabelled samples",
        "Mislabelled samples are stored in interactions of higher order.", "bars; no number"),
    "D-5": Claim(_D, "ratio of successive orders in the theory, against noise and n",
        "The noisier, the more the theory suppresses higher orders.", "curves; no number"),
    "F-1": Claim(_F, "four uses of one theory",
        "Interactions describe symbols, generalisation, attributions and two phases alike.",
        "a survey"),
    "C-T1": Claim(_C, "overlap of the top m with the planted terms, four indices",
        "Harsanyi dividends recover the planted interactions, other indices do not.",
        "Add-Mul: SI .61, STI2 .27, STI3 .55, dividends 1.00; And-Or with networks .97–.98"),
    "C-T2": Claim(_C, "squared error over all masked inputs, four indices",
        "Only dividends describe the network faithfully.",
        "dividends 9e-12 to 3e-9, the others 35 to 6e8"),
    "C-T3": Claim(_C, "similarity of interactions between two seeds, normal and adversarial",
        "Networks trained on adversarial inputs agree more across seeds.",
        "census: MLP-5 .248 → .497; bikes: MLP-5 .382 → .474"),
    "C-6": Claim(_C, "explained ratio R against the number of patterns kept",
        "10 to 100 patterns carry most of a network's output.", "curves up to 30 patterns"),
    "S-T1": Claim(_S, "share of monotone samples, and salient interactions",
        "Mean outputs of most samples rise with the number of words, and those are sparser.",
        "84–90 % monotone; salient 29–51 where monotone, 43–80 otherwise"),
    "S-T2": Claim(_S, "real number of salient interactions against the bound",
        "The theorem bounds the number of salient interactions.",
        "real 28–54 of 1,024, bounds 184–293"),
    "LZ-1": Claim(_LZ, "share of a sample's interactions that a dictionary of k covers",
        "A small dictionary covers most salient interactions of a class.", "not available to us"),
    "LZ-2": Claim(_LZ, "cover ratio across networks",
        "Dictionaries transfer to networks trained apart.", "not available to us"),
    "LZ-3": Claim(_LZ, "discrimination power of interactions",
        "A salient interaction mostly pushes towards one class.", "not available to us"),
    "LZ-4": Claim(_LZ, "discrimination against frequency",
        "Frequent interactions discriminate better.", "not available to us"),
    "B-1": Claim(_B, "strength of pairs against the size of their context",
        "Networks encode small and large contexts, not those between.", "curves; no number"),
    "W-1": Claim(_W, "interaction inside a perturbation against how well it transfers",
        "Adversarial perturbations with less interaction transfer better.",
        "negative correlation"),
    "U-1": Claim(_U, "fourteen attributions as weights on the same terms",
        "Attributions differ only in how they share out the same interactions.",
        "a theorem, exact for those that remove parts"),
}  # fmt: skip
