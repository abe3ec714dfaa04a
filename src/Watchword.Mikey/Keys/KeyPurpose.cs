namespace Watchword.Mikey;

/// <summary>The purpose tag: the 4 most significant bits of a key identifier (TS 33.180 5.2.2, Annex G).</summary>
public enum KeyPurpose
{
    /// <summary>Group master key.</summary>
    Gmk = 0,

    /// <summary>Private call key.</summary>
    Pck = 1,

    /// <summary>Client-server key.</summary>
    Csk = 2,

    /// <summary>Signalling protection key.</summary>
    Spk = 3,

    /// <summary>Multicast floor control key.</summary>
    Mkfc = 4,

    /// <summary>MBMS subchannel control key.</summary>
    Mscck = 5,

    /// <summary>Multicast signalling key.</summary>
    Musik = 6,
}
