namespace Watchword.Mikey.Tests.Srtp;

/// <summary>A packet is changed in every way that one bit can be, and cut: none of it opens.</summary>
internal static class Refusals
{
    public static void OfEveryChange(byte[] packet, Func<byte[], byte[]?> open)
    {
        for (int at = 0; at < packet.Length; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = (byte[])packet.Clone();
                changed[at] ^= (byte)(1 << bit);
                open(changed).ShouldBeNull($"octet {at}, bit {bit}");
            }

            open(packet[..at]).ShouldBeNull($"cut to {at}");
        }
    }
}
