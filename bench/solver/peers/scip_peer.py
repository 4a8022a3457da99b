"""`scip_peer.py FOLDER SECONDS GAP`: SCIP on the strong model, in the peers' environment."""

import sys
import time

from pyscipopt import Model

from bench.solver.answer import Answer, known


def main(folder: str, seconds: str, gap: str) -> None:
    model = Model()
    model.hideOutput()
    model.readProblem(f"{folder}/strong.mps")
    model.setParams(
        {
            "timing/clocktype": 1,  # processor time
            "limits/time": float(seconds),
            "limits/gap": float(gap),
            "lp/threads": 1,
            "parallel/maxnthreads": 1,
        }
    )
    started = time.process_time()
    model.optimize()
    cpu = time.process_time() - started
    found = model.getNSols() > 0
    cost = model.getObjVal() if found else None
    Answer(model.getStatus(), cost, known(model.getDualbound()), cpu, int(model.getNTotalNodes())).tell()


if __name__ == "__main__":
    main(*sys.argv[1:])
