"""/healthz through nginx, compared with the limit of the transport and with FastAPI."""

from measuring import Rounds, milliseconds, plural, wrk
from peers import bare_responder, fastapi
from table import say

GOAL_TRANSPORT = 0.9
GOAL_FASTAPI = 10


def measure(stage, table, options):
    with stage.service() as chain, bare_responder(stage, chain) as bare, fastapi(stage, options) as peer:
        say("/healthz, against a bare responder in C and a FastAPI application behind the same nginx")
        for clients in options.clients:
            apis = {"ours": chain.api, "bare": bare, **({"fastapi": peer} if peer else {})}
            rounds = Rounds(
                options.rounds,
                **{
                    name: lambda api=api: wrk(f"{api.url}/healthz", clients, options.seconds)
                    for name, api in apis.items()
                },
            )
            ours = rounds.load("ours")
            table.at_least(
                f"/healthz through nginx, to a bare C responder, {plural(clients)}",
                f"{ours.rate:,.0f} of {rounds.load('bare').rate:,.0f} a second; median {milliseconds(ours.median)}",
                rounds.ratio("ours", "bare"),
                GOAL_TRANSPORT,
            )
            if peer:
                theirs = rounds.load("fastapi")
                table.at_least(
                    f"… to FastAPI, {plural(clients)}",
                    f"{theirs.rate:,.0f} a second; median {milliseconds(theirs.median)}",
                    rounds.ratio("ours", "fastapi"),
                    GOAL_FASTAPI,
                )
