"""`cpsat_peer.py FOLDER SECONDS GAP`: CP-SAT, one worker, on the strong model in whole numbers."""

import sys
import threading
import time

from ortools.linear_solver.python import model_builder

from bench.solver.answer import Answer, known


def main(folder: str, seconds: str, gap: str) -> None:
    model = model_builder.Model()
    if not model.import_from_mps_file(f"{folder}/whole.mps"):
        raise SystemExit("CP-SAT cannot read the model")
    solver = model_builder.Solver("sat")
    # The status line goes to the log; the rest of the process must stay quiet.
    solver.set_solver_specific_parameters(f"num_workers:1 relative_gap_limit:{gap}")
    started = time.process_time()
    ended = threading.Event()
    threading.Thread(target=_stop_at, args=(solver, started + float(seconds), ended), daemon=True).start()
    status = solver.solve(model)
    ended.set()
    cpu = time.process_time() - started
    found = status in (model_builder.SolveStatus.OPTIMAL, model_builder.SolveStatus.FEASIBLE)
    # Without a plan it tells of no figure at all, not even a number that is none.
    cost, bound = (solver.objective_value, known(solver.best_objective_bound)) if found else (None, None)
    Answer(status.name.lower(), cost, bound, cpu).tell()


def _stop_at(solver: model_builder.Solver, end: float, ended: threading.Event) -> None:
    """CP-SAT has no limit in processor time of its own."""
    while time.process_time() < end:
        if ended.wait(0.1):
            return
    solver.stop_search()


if __name__ == "__main__":
    main(*sys.argv[1:])
