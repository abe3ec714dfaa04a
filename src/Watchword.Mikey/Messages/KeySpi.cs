using System.Buffers.Binary;

namespace Watchword.Mikey;

/// <summary>
/// The SPI of a GENERIC-ID map: K-ID || UK-ID where each receiver has an identifier of his own, K-ID elsewhere.
/// </summary>
internal static class KeySpi
{
    public static byte[] Of(KeyDistribution distribution, uint keyId, uint csbId)
    {
        byte[] spi = new byte[distribution.HasDiversity ? 2 * sizeof(uint) : sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(spi, keyId);
        BinaryPrimitives.WriteUInt32BigEndian(spi.AsSpan(spi.Length - sizeof(uint)), csbId);
        return spi;
    }

    /// <summary>Whether every SPI of a map is that of the key, or the CSB ID alone, or left out.</summary>
    public static bool Agrees(MikeyCsIdMap map, KeyDistribution distribution, uint keyId, uint csbId)
    {
        if (map is not MikeyGenericIdMap generic)
        {
            return true;
        }

        byte[] full = Of(distribution, keyId, csbId);
        return generic.Sessions.All(session => session.Spi.IsEmpty
            || session.Spi.Span.SequenceEqual(full)
            || session.Spi.Span.SequenceEqual(full.AsSpan(full.Length - sizeof(uint))));
    }
}
