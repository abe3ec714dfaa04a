using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>One pair of transport keys ready for use; a copy of what is in the store.</summary>
internal sealed class TransportKeyPair(TransportKey transportKey, IntegrityKey? integrityKey, TransportKeyState state) : IDisposable
{
    public TransportKey TransportKey => transportKey;

    public IntegrityKey? IntegrityKey => integrityKey;

    public TransportKeyState State => state;

    /// <summary>The integrity key signs, and where there is none the transport key (TS 33.180 D.2.2).</summary>
    public SecurityExtensionKey SigningKey => integrityKey is not null ? integrityKey : transportKey;

    public void Dispose()
    {
        transportKey.Dispose();
        integrityKey?.Dispose();
    }
}

/// <summary>
/// The transport keys of one exchange. They are copies: what the answer brings into the store does not change them, so that the
/// answer is
/// read with the keys of its request.
/// </summary>
internal sealed class TransportKeyRing(TransportKeyHolder holder, IReadOnlyList<TransportKeyPair> pairs) : IDisposable
{
    public TransportKeyHolder Holder => holder;

    /// <summary>The newest pair: it is used from the moment that it is in the store.</summary>
    public TransportKeyPair Newest => pairs[^1];

    /// <summary>The pair before a new one that no answer has proved yet; null if there is only one.</summary>
    public TransportKeyPair? Proven => pairs.Count > 1 ? pairs[0] : null;

    /// <summary>The key that a signature names; null if it is none of the client's own.</summary>
    public SecurityExtensionKey? FindSigningKey(string id) => pairs
        .SelectMany(p => new SecurityExtensionKey?[] { p.IntegrityKey, p.TransportKey })
        .FirstOrDefault(k => k is not null && Same(k.Id, id));

    public TransportKey? FindTransportKey(string? id) => pairs.Select(p => p.TransportKey).FirstOrDefault(k => Same(k.Id, id));

    public void Dispose()
    {
        foreach (TransportKeyPair pair in pairs)
        {
            pair.Dispose();
        }
    }

    private static bool Same(string a, string? b) => string.Equals(a, b, StringComparison.Ordinal);
}
