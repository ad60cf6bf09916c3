"""Answers of servers, read strictly: what is understood in two ways is no answer."""

from __future__ import annotations

import re

import pytest
from broken_answers import read

from kinoform.net.answer import Answer, AnswerError

HEAD = b"HTTP/1.1 200 OK\r\n"
SIZED = HEAD + b"Content-Length: 3\r\n\r\nabc"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CODED = HEAD + b"Transfer-Encoding: %b\r\n\r\n0\r\n\r\n"


def fed(*parts: bytes) -> Answer:
    answer = Answer()
    for part in parts:
        answer.feed(part)
    return answer


NO_ANSWER = {
    "two lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a list of lengths": HEAD + b"Content-Length: 3, 3\r\n\r\nabc",
    "a signed length": HEAD + b"Content-Length: +3\r\n\r\nabc",
    "length and chunks": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "packed chunks": CODED % b"gzip, chunked",
    "chunks twice": CODED % b"chunked\r\nTransfer-Encoding: chunked",
    "another coding": CODED % b"identity",
    "a length behind the chunks": CHUNKED + b"0\r\nContent-Length: 3\r\n\r\n",
    "a chunk beyond all sizes": CHUNKED + b"fffffffffffffffff\r\n",
    "a chunk longer than it says": CHUNKED + b"2\r\nabc\r\n0\r\n\r\n",
    "lines that end in LF": SIZED.replace(b"\r\n", b"\n"),
    "lines that end in CR": SIZED.replace(b"\r\n", b"\r"),
    "a CR in a header": HEAD + b"X: a\rContent-Length: 3\r\n\r\nabc",
    "a NUL in a header": HEAD + b"X: a\0b\r\n\r\n",
    "a NUL beside the status": b"HTTP/1.1 200 O\0K\r\n\r\n",
    "a folded header": HEAD + b"X: a\r\n b\r\n\r\n",
    "a blank before the colon": HEAD + b"Content-Length : 3\r\n\r\nabc",
    "a line without a colon": HEAD + b"Content-Length\r\n\r\n",
    "a blank line first": b"\r\n" + SIZED,
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "a status of none": b"HTTP/1.1 099 No\r\n\r\n",
    "a switch to what was not asked for": b"HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "an interim answer with a body": b"HTTP/1.1 103 Early\r\nContent-Length: 3\r\n\r\n" + SIZED,
    "204 with a body": b"HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\nabc",
    "304 with chunks": b"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("raw", NO_ANSWER.values(), ids=NO_ANSWER)
def test_what_can_be_read_in_two_ways_is_no_answer(raw: bytes) -> None:
    with pytest.raises(AnswerError):
        fed(raw, b"")


@pytest.mark.parametrize("end", range(len(SIZED)))
def test_an_answer_that_is_cut_off_is_none(end: int) -> None:
    with pytest.raises(AnswerError):
        fed(SIZED[:end], b"")


ENDLESS = {
    "a header": (HEAD, b"x"),
    "headers": (HEAD, b"X: y\r\n"),
    "interim answers": (b"", b"HTTP/1.1 103 Early\r\n\r\n"),
    "a chunk's extension": (CHUNKED + b"5;x=", b"y"),
    "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n"),
}


@pytest.mark.parametrize(("head", "more"), ENDLESS.values(), ids=ENDLESS)
def test_what_is_no_body_has_an_end(head: bytes, more: bytes) -> None:
    with pytest.raises(AnswerError, match="without end"):
        fed(head + more, *[more * 1000] * 100)


LASTING = {
    "a length": SIZED,
    "chunks": CHUNKED + b"3\r\nabc\r\n0\r\n\r\n",
    "chunks and trailers": CHUNKED + b"3\r\nabc\r\n0\r\nEtag: x\r\n\r\n",
    "an interim answer first": b"HTTP/1.1 103 Early\r\nX: y\r\n\r\n" + SIZED,
}


@pytest.mark.parametrize("raw", LASTING.values(), ids=LASTING)
def test_a_connection_lasts_where_its_answer_says_its_own_end(raw: bytes) -> None:
    answer = fed(raw)
    assert (answer.status, answer.taken(), answer.done, answer.lasting) == (200, b"abc", True, True)
    assert answer.headers.keys() <= {"content-length", "transfer-encoding"}


LAST = {
    "it closes": HEAD + b"Connection: close\r\nContent-Length: 3\r\n\r\nabc",
    "an older server": b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "another answer behind it": SIZED + SIZED.replace(b"abc", b"xyz"),
    "something behind it": SIZED + b"\r\nabc",
    "something behind the last": HEAD + b"Connection: close\r\nContent-Length: 3\r\n\r\nabcde",
}


@pytest.mark.parametrize("raw", LAST.values(), ids=LAST)
def test_a_connection_has_had_its_last_where_more_came_or_it_says_so(raw: bytes) -> None:
    answer = fed(raw)
    assert (answer.status, answer.taken(), answer.done, answer.lasting) == (
        200,
        b"abc",
        True,
        False,
    )


def test_values_of_one_name_are_joined_in_their_order() -> None:
    answer = fed(HEAD + b"X-A: 1 \r\nx-a:\t2\r\n\r\n")
    assert answer.headers == {"x-a": "1, 2"}


def test_a_fault_is_told_in_the_words_of_its_reason() -> None:
    with pytest.raises(AnswerError, match=re.escape("an answer 204 with a body")):
        fed(NO_ANSWER["204 with a body"])


def test_broken_answers_are_read_as_h11_reads_them_or_not_at_all() -> None:
    seen = read(2_000)
    assert seen["taken"] > 500
    assert seen["refused"] > 500
