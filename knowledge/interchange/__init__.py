"""The knowledge base in and out of files of many kinds.

Each format turns a file into pairs (an answer with its questions, as that format has them) or into
whole entries (our own formats); one path from there makes entries, or says all that is wrong.
`reading.read` and `writing.write` are the two ways through; nothing here touches a disk.
"""
