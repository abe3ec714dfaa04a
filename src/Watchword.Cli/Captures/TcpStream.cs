namespace Watchword.Cli.Captures;

/// <summary>
/// One direction of a TCP connection: puts segments into order, leaves out what came twice, and waits for what is missing.
/// What is kept
/// is bounded: of a stream with a hole the octets before it count.
/// </summary>
internal sealed class TcpStream
{
    private const int MaximumWaiting = 1024;

    private readonly SortedDictionary<uint, ReadOnlyMemory<byte>> waiting = [];
    private uint? next;
    private uint origin;

    /// <summary>Takes a segment; gives the octets that follow those given before, if any.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Add(Datagram segment)
    {
        uint sequence = segment.Sequence!.Value;
        if (segment.Starts || next is null)
        {
            waiting.Clear();
            next = sequence + (segment.Starts ? 1u : 0u);
            origin = next.Value;
            sequence = next.Value;
        }

        if (segment.Content.Length > 0 && waiting.Count < MaximumWaiting)
        {
            // By distance from the origin, so that the order holds where sequence numbers wrap.
            uint place = sequence - origin;
            if (!waiting.TryGetValue(place, out ReadOnlyMemory<byte> known) || known.Length < segment.Content.Length)
            {
                waiting[place] = segment.Content;
            }
        }

        while (waiting.Count > 0)
        {
            (uint place, ReadOnlyMemory<byte> content) = waiting.First();
            long seen = (long)(next.Value - origin) - place;
            if (seen < 0)
            {
                yield break;
            }

            waiting.Remove(place);
            if (seen < content.Length)
            {
                next = next.Value + (uint)(content.Length - (int)seen);
                yield return content[(int)seen..];
            }
        }
    }
}
