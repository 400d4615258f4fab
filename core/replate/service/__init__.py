"""The warm process that hosts and farm sessions talk to: networks stay loaded from one job to the next.

    place.py      the private folder, the lock and the token by which a client finds a service
    wire.py       messages: four bytes of length, then JSON
    server.py     connections, the handshake, idle exit
    session.py    one client: its requests, and what it is told
    worker.py     the queue and the one thread that computes
    tasks.py      what is computed: a render, a preview, in the very functions that the command line calls
    pictures.py   memory that client and service share
    pixels.py     what a host wants to see there
    warm.py       generators that stay from one job to the next
    opened.py     what previews of one shot share: sources, frames, the node

    detached.py   a service that outlives its starter
    calling.py    the client that the command line is
    away.py       a job rendered by a service, as if it were here

Only the user who started it can use it: the folder is theirs alone, the system is asked who calls where it tells, and
nothing is answered without the token that lies in the folder. A job writes where it says, as on the command line.
"""
