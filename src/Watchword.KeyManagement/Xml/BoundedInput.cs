using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Watchword.KeyManagement.Xml;

/// <summary>Documents as they come in: bounded before anything is read of them.</summary>
internal sealed class BoundedInput : IDisposable
{
    private byte[] _octets = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private int _length;

    private BoundedInput()
    {
    }

    /// <summary>The octets read.</summary>
    public ReadOnlyMemory<byte> Octets => _octets.AsMemory(0, _length);

    /// <summary>A stream over a document; copies only what is not an array.</summary>
    public static MemoryStream Open(ReadOnlyMemory<byte> document) =>
        MemoryMarshal.TryGetArray(document, out ArraySegment<byte> segment) && segment.Array is not null
            ? new MemoryStream(segment.Array, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(document.ToArray(), writable: false);

    /// <summary>
    /// Reads a stream to its end into memory that is zeroed on dispose; refuses it as soon as it passes the limit.
    /// </summary>
    public static async ValueTask<BoundedInput> ReadAsync(
        Stream stream, AnnexDReadOptions options, CancellationToken cancellationToken)
    {
        BoundedInput input = new();
        try
        {
            int read;
            while ((read = await stream.ReadAsync(input._octets.AsMemory(input._length), cancellationToken)) > 0)
            {
                input._length += read;
                if (input._length > options.MaxOctets)
                {
                    throw new KeyManagementFormatException("/", KeyManagementFormatFault.TooLarge);
                }

                input.Grow();
            }

            return input;
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_octets);

    private void Grow()
    {
        if (_length < _octets.Length)
        {
            return;
        }

        byte[] larger = GC.AllocateUninitializedArray<byte>(2 * _length, pinned: true);
        _octets.CopyTo(larger, 0);
        CryptographicOperations.ZeroMemory(_octets);
        _octets = larger;
    }
}
