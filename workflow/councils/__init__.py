"""Council sessions: who may vote on what, what a ballot may say, what the votes come to.

A unit's own council and the provincial ranking are one machinery with two kinds
(`workflow.councils.kinds`). Everything here is pure: facts in, findings out.
"""
