namespace Watchword.KeyManagement;

/// <summary>The integrity key (InK, TS 33.180 D.1): signs the requests and responses of one KM client.</summary>
public sealed class IntegrityKey : SecurityExtensionKey
{
    private IntegrityKey(string id)
        : base(id) => Fill();

    private IntegrityKey(string id, ReadOnlySpan<byte> octets)
        : base(id, octets)
    {
    }

    /// <summary>Makes a random key.</summary>
    /// <param name="id">Its id, such as <c>ink.12.user@example.org</c>.</param>
    /// <exception cref="ArgumentException">The id is empty, too long, or has a control character.</exception>
    public static IntegrityKey Generate(string id) => new(id);

    /// <summary>Takes a key that was exported or agreed out of band; the octets are copied.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="octets">32 octets.</param>
    /// <exception cref="ArgumentException">The id or the length is wrong.</exception>
    public static IntegrityKey Import(string id, ReadOnlySpan<byte> octets) => new(id, octets);
}
