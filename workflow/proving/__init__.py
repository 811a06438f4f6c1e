"""Proofs about a programme: every situation a dossier can reach, tried out with the law itself.

`world` says who and what is tried, `explore` walks every situation of one dossier, `together`
puts several dossiers under one quota, `staffing` asks how few people suffice, `page` tells it.
Nothing here has a rule of its own: every edge is what `workflow.decisions.decide` answered.
"""
