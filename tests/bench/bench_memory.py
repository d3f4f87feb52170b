"""scripts/bench memory: how fast memory-service finds and stores, and with --quality how well.

Starts its own PostgreSQL, embedder and memory-service. By default an agent of 1,000, one of 10,000 and
one of 50,000 memories in a store of 100,000; --new measures stores with the local model.
"""

import argparse

from tests.bench.memory import quality, speed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memories", type=int, default=100_000)
    parser.add_argument("--agents", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    parser.add_argument("--searches", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--exact", type=int, default=20, help="queries checked against exact ones")
    parser.add_argument("--quality", action="store_true", help="recall on dialogues")
    parser.add_argument("--new", type=int, metavar="TEXTS", help="store new texts, local model")
    options = parser.parse_args()
    if options.quality:
        quality.run()
    elif options.new:
        speed.run_new_texts(options.new)
    else:
        speed.run(
            speed.Plan(
                memories=options.memories,
                agents=tuple(options.agents),
                searches=options.searches,
                rounds=options.rounds,
                clients=options.clients,
                exact=options.exact,
            )
        )


if __name__ == "__main__":
    main()
