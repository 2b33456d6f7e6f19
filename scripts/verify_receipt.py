#!/usr/bin/env python3
"""Check a receipt of deletion of Valv, without Valv.

    verify_receipt.py RECEIPT.json --key KEY

RECEIPT.json is what `valv forget --json` answers under "receipt", or the file that the
portal gives. KEY is the public key of the audit log, or a file with it. Looks whether
the log's key signed the receipt, whether the entry it names is in the log, and whether
the entry says the same. Needs Python 3, its package `cryptography`, and
`verify_log.py` beside it.

Ends with 0 if what is said holds, 1 if it does not, 2 if it cannot be read.
"""

import argparse
import json
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from verify_log import FIELDS, Broken, check_inclusion, opened, read

TITLE = "valv receipt of deletion 1"


def signed_text(note, key):
    """The receipt's text, if the key has signed it."""
    name, _, told = key.strip().split("+", 2)
    public = b64decode(told, validate=True)
    text, _, signatures = note.partition("\n\n")
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        signer, _, signature = rest.partition(" ")
        if dash == "—" and signer == name:
            signed = b64decode(signature, validate=True)
            verifier = Ed25519PublicKey.from_public_bytes(public[1:])
            verifier.verify(signed[4:], (text + "\n").encode())
            return text
    raise Broken("The receipt is not signed by this key.")


def facts_of(text):
    """What the receipt says, line by line: a word, and the rest."""
    title, *lines = text.splitlines()
    if title != TITLE:
        raise Broken("It is no receipt.")
    counts, facts = {}, {}
    for line in lines:
        name, _, rest = line.partition(" ")
        if name == "count":
            what, _, number = rest.partition(" ")
            counts[what] = int(number)
        else:
            facts[name] = rest
    return facts, counts


def check(receipt, key):
    """Raise Broken unless receipt, entry and log agree; answers what to print."""
    text = signed_text(receipt["note"], key)
    facts, counts = facts_of(text)
    proof = receipt["proof"]
    seq = int(facts["entry"])
    if proof["seq"] != seq or proof["entry"] is None:
        raise Broken("The proof is of another entry.")
    size, root = opened(proof["checkpoint"], key)
    leaf = sha256(b"\0" + proof["entry"].encode()).digest()
    path = [b64decode(one, validate=True) for one in proof["path"]]
    check_inclusion(leaf, seq - 1, size, path, root)
    told = details_of(proof)
    said = {"job": facts["job"], "state": facts["state"], "counts": counts}
    if told != said:
        raise Broken("The audit log says something else.")
    return [f"Proven: entry {seq} of the signed log of {size} says the same.", text]


def details_of(proof):
    """The details of the entry, held against their commitment."""
    entry = json.loads(proof["entry"])
    for opening in proof["openings"]:
        if opening["field"] == "details":
            salt = b64decode(opening["salt"], validate=True)
            made = sha256(salt + opening["value"].encode()).digest()
            if made == b64decode(entry[FIELDS["details"]], validate=True):
                return json.loads(opening["value"])
    raise Broken("The entry's details are not there.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--key", required=True)
    asked = parser.parse_args()
    try:
        key = read(asked.key) if Path(asked.key).is_file() else asked.key
        print("\n".join(check(json.loads(read(asked.file)), key)))
    except (Broken, InvalidSignature) as fault:
        print(f"NOT PROVEN: {str(fault) or 'The signature does not hold.'}")
        sys.exit(1)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as fault:
        print(f"It cannot be read ({type(fault).__name__}).", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
