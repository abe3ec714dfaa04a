namespace Watchword.Cli.Captures;

/// <summary>The link layers that the reader knows, by their number in captures.</summary>
internal enum LinkLayer
{
    /// <summary>BSD loopback: 4 octets of address family in the order of the machine that captured.</summary>
    Null = 0,

    /// <summary>Ethernet.</summary>
    Ethernet = 1,

    /// <summary>Raw IP, the number that some systems write.</summary>
    RawOld = 12,

    /// <summary>Raw IP, version 4 or 6.</summary>
    Raw = 101,

    /// <summary>OpenBSD loopback: as <see cref="Null"/> in network order.</summary>
    Loop = 108,

    /// <summary>Linux cooked.</summary>
    LinuxCooked = 113,

    /// <summary>Raw IPv4.</summary>
    Ipv4 = 228,

    /// <summary>Raw IPv6.</summary>
    Ipv6 = 229,

    /// <summary>Linux cooked, second version.</summary>
    LinuxCooked2 = 276,
}

/// <summary>One packet of a capture.</summary>
/// <param name="Number">Its number, from 1, as Wireshark counts.</param>
/// <param name="Link">The number of its link layer.</param>
/// <param name="Octets">What was captured of it.</param>
internal readonly record struct CapturedPacket(int Number, int Link, ReadOnlyMemory<byte> Octets);
