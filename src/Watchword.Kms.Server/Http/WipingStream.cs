using System.Buffers;

namespace Watchword.Kms.Server.Http;

/// <summary>Writes into a buffer that stays with the caller, who wipes it.</summary>
internal sealed class WipingStream(WipingBuffer buffer) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> octets) => buffer.Write(octets);

    public override void Write(byte[] octets, int offset, int count) => Write(octets.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] octets, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
