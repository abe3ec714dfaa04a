using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(1);
    private long _forgottenAt;

    /// <inheritdoc/>
    public async Task<bool> TryAddAsync(
        string kmsUri, string keyId, ReadOnlyMemory<byte> signature, DateTimeOffset expires,
        CancellationToken cancellationToken = default)
    {
        ReplayUnit unit = new(Digest(kmsUri, keyId, signature.Span), expires, IsTimeToForget(), cancellationToken);
        await _writer.WriteAsync(unit, cancellationToken);
        return unit.IsNew;
    }

    private static byte[] Digest(string kmsUri, string keyId, ReadOnlySpan<byte> signature)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (string text in (ReadOnlySpan<string>)[kmsUri, keyId])
        {
            byte[] octets = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32BigEndian(length, octets.Length);
            hash.AppendData(length);
            hash.AppendData(octets);
        }

        hash.AppendData(signature);
        return hash.GetHashAndReset();
    }

    private bool IsTimeToForget()
    {
        long now = _time.GetTimestamp();
        long last = Interlocked.Read(ref _forgottenAt);
        return _time.GetElapsedTime(last, now) >= ForgetInterval
            && Interlocked.CompareExchange(ref _forgottenAt, now, last) == last;
    }
}
