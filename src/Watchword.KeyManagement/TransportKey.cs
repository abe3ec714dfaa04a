namespace Watchword.KeyManagement;

/// <summary>The transport key (TrK, TS 33.180 D.1): wraps the key material of one KM client, and new transport and integrity keys for it.</summary>
public sealed class TransportKey : SecurityExtensionKey
{
    private TransportKey(string id)
        : base(id) => Fill();

    private TransportKey(string id, ReadOnlySpan<byte> octets)
        : base(id, octets)
    {
    }

    /// <summary>Makes a random key.</summary>
    /// <param name="id">Its id, such as <c>tk.12.user@example.org</c>.</param>
    /// <exception cref="ArgumentException">The id is empty, too long, or has a control character.</exception>
    public static TransportKey Generate(string id) => new(id);

    /// <summary>Takes a key that was exported or agreed out of band; the octets are copied.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="octets">32 octets.</param>
    /// <exception cref="ArgumentException">The id or the length is wrong.</exception>
    public static TransportKey Import(string id, ReadOnlySpan<byte> octets) => new(id, octets);
}
