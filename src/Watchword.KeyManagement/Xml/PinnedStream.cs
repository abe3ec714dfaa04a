using System.Security.Cryptography;

namespace Watchword.KeyManagement.Xml;

/// <summary>Takes what is written into pinned memory that grows, is zeroed when it is left behind, and on dispose.</summary>
internal sealed class PinnedStream : Stream
{
    private byte[] _octets = GC.AllocateUninitializedArray<byte>(8192, pinned: true);
    private int _length;

    public ReadOnlySpan<byte> Written => _octets.AsSpan(0, _length);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_octets.Length - _length < buffer.Length)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>(
                Math.Max(2 * _octets.Length, _length + buffer.Length), pinned: true);
            Written.CopyTo(larger);
            CryptographicOperations.ZeroMemory(_octets);
            _octets = larger;
        }

        buffer.CopyTo(_octets.AsSpan(_length));
        _length += buffer.Length;
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_octets);
        base.Dispose(disposing);
    }
}
