#!/usr/bin/env python3
"""Check what an audit log of Valv says of itself, without Valv.

Needs Python 3 and its package `cryptography`, nothing of Valv's. Three questions:

    verify_log.py checkpoint NOTE --key KEY
        Is this checkpoint signed by the log's key? Says how many entries it speaks of.

    verify_log.py entry PROOF.json --key KEY [--checkpoint NOTE]
        Is this entry in the log that was signed? PROOF.json is what Valv answers to
        GET /api/v1/audit/proof/SEQ. Shows the entry, and who and why where that is
        still there. With --checkpoint: in the very log that this note of yours signs.

    verify_log.py consistency PROOF.json --key KEY --old NOTE [--new NOTE]
        Does the log of an older checkpoint begin that of a newer one, so that nothing
        in it was changed? PROOF.json is what GET /api/v1/audit/proof?from=OLD answers.

NOTE is a file with a signed checkpoint. KEY is the log's public key, or a file with it:
note it down once (`valv audit checkpoint --json`) and keep it with your checkpoints.
Ends with 0 if what is said holds, 1 if it does not, 2 if it cannot be read.
"""

import argparse
import json
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FIELDS = {"actor": 6, "reason": 7, "identifier": 8, "details": 9}


class Broken(Exception):
    """What is said does not hold."""


def node(left, right):
    return sha256(b"\1" + left + right).digest()


def opened(note, key):
    """Origin, size and root of a checkpoint that the key has signed."""
    name, told_id, told = key.strip().split("+", 2)
    public = b64decode(told, validate=True)
    key_id = sha256(name.encode() + b"\n" + public).digest()[:4]
    if public[:1] != b"\1" or key_id.hex() != told_id:
        raise Broken("The key is not well made.")
    text, _, signatures = note.partition("\n\n")
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        signer, _, signature = rest.partition(" ")
        if dash == "—" and signer == name:
            signed = b64decode(signature, validate=True)
            if signed[:4] == key_id:
                verifier = Ed25519PublicKey.from_public_bytes(public[1:])
                verifier.verify(signed[4:], (text + "\n").encode())
                origin, size, root = text.split("\n")[:3]
                if origin != name:
                    raise Broken("The checkpoint is of another log.")
                return int(size), b64decode(root, validate=True)
    raise Broken("The checkpoint is not signed by this key.")


def climb(at, last, path, hashes):
    """Where a proof leads from leaf ``at`` of a tree that ends at leaf ``last``."""
    for one in path:
        if last == 0:
            raise Broken("The proof is too long.")
        if at & 1 or at == last:
            hashes = [node(one, hashed) for hashed in hashes]
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            hashes = [*hashes[:-1], node(hashes[-1], one)]
        at, last = at >> 1, last >> 1
    if last:
        raise Broken("The proof is too short.")
    return hashes


def check_inclusion(leaf, index, size, path, root):
    """Raise Broken unless the leaf is in the log (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or climb(index, size - 1, path, [leaf]) != [root]:
        raise Broken("The entry is not in this log.")


def check_consistency(first, first_root, second, second_root, path):
    """Raise Broken unless the first log begins the second (RFC 9162, 2.1.4.2)."""
    if first > second:
        raise Broken("The older checkpoint has more entries than the newer.")
    if first in {0, second}:
        if path or (first and first_root != second_root):
            raise Broken("The two logs differ.")
        return
    path = [first_root, *path] if first & (first - 1) == 0 else path
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if climb(at, last, path[1:], [path[0]] * 2) != [first_root, second_root]:
        raise Broken("The log was changed between the two checkpoints.")


def say_checkpoint(asked):
    size, root = opened(read(asked.file), asked.key)
    return [f"Signed: the log of {size} entries.", f"Root: {b64encode(root).decode()}"]


def say_entry(asked):
    proof = json.loads(read(asked.file))
    note = read(asked.checkpoint) if asked.checkpoint else proof["checkpoint"]
    size, root = opened(note, asked.key)
    leaf = b64decode(proof["leaf"], validate=True)
    said = ["The entry's text is gone with its interaction; that it was there stands."]
    if proof["entry"] is not None:
        leaf = sha256(b"\0" + proof["entry"].encode()).digest()
        said = told(proof)
    path = [b64decode(one, validate=True) for one in proof["path"]]
    check_inclusion(leaf, proof["seq"] - 1, size, path, root)
    return [f"Proven: entry {proof['seq']} is in the signed log of {size}.", *said]


def told(proof):
    """What the entry says, each personal field held against its commitment."""
    entry = json.loads(proof["entry"])
    if entry[0] != proof["seq"]:
        raise Broken("The entry has another number.")
    at = datetime.fromtimestamp(entry[1] / 1000, UTC)
    said = [f"at: {at.isoformat()}", f"act: {entry[2]}", f"kind of user: {entry[3]}"]
    said += [f"interaction: {entry[4]}"] if entry[4] is not None else []
    said += [f"content: {entry[5]}"] if entry[5] is not None else []
    for opening in proof["openings"]:
        salt = b64decode(opening["salt"], validate=True)
        made = sha256(salt + opening["value"].encode()).digest()
        if b64encode(made).decode() != entry[FIELDS[opening["field"]]]:
            raise Broken(f"The {opening['field']} is not the one that was written.")
        said.append(f"{opening['field']}: {opening['value']}")
    return said


def say_consistency(asked):
    proof = json.loads(read(asked.file))
    newer = read(asked.new) if asked.new else proof["checkpoint"]
    first, first_root = opened(read(asked.old), asked.key)
    second, second_root = opened(newer, asked.key)
    path = [b64decode(one, validate=True) for one in proof["path"]]
    check_consistency(first, first_root, second, second_root, path)
    return [
        f"Proven: the log of {first} entries begins the one of {second}, unchanged."
    ]


def read(path):
    return Path(path).read_text(encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    acts = parser.add_subparsers(required=True, metavar="QUESTION")
    for name, say, more in (
        ("checkpoint", say_checkpoint, ()),
        ("entry", say_entry, ("--checkpoint",)),
        ("consistency", say_consistency, ("--old", "--new")),
    ):
        act = acts.add_parser(name)
        act.add_argument("file")
        act.add_argument("--key", required=True)
        for option in more:
            act.add_argument(option, required=option == "--old")
        act.set_defaults(say=say)
    asked = parser.parse_args()
    asked.key = read(asked.key) if Path(asked.key).is_file() else asked.key
    try:
        print("\n".join(asked.say(asked)))
    except (Broken, InvalidSignature) as fault:
        print(f"NOT PROVEN: {str(fault) or 'The signature does not hold.'}")
        sys.exit(1)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as fault:
        print(f"It cannot be read ({type(fault).__name__}).", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
