"""Pictures with a palette of their own, which take a third of the room."""

from fractions import Fraction
from pathlib import Path

import av
from av.filter import Graph


def in_few_colours(png: bytes, file: Path) -> None:
    """Write it with a palette of its own: a third of the size, to the eye the same."""
    source = file.with_suffix(".full.png")
    source.write_bytes(png)
    with av.open(str(source)) as container:
        frame = next(container.decode(video=0))
    source.unlink()
    graph = Graph()
    start = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=Fraction(1),
    )
    split = graph.add("split")
    palette = graph.add("palettegen", "reserve_transparent=0")
    use = graph.add("paletteuse", "dither=none")
    end = graph.add("buffersink")
    start.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(end)
    graph.configure()
    frame.pts = 0
    start.push(frame)
    start.push(None)
    pal8 = end.pull()
    assert isinstance(pal8, av.VideoFrame)  # noqa: S101
    with av.open(str(file), "w", format="image2", options={"update": "1"}) as out:
        stream = out.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "pal8"
        out.mux(stream.encode(pal8))
        out.mux(stream.encode(None))
