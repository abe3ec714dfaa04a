using System.Security.Cryptography;
using Watchword.Mikey;

namespace Watchword.Lab.Walk;

/// <summary>Compares what two ends of a call hold.</summary>
internal static class SrtpComparison
{
    /// <summary>True if master key and master salt are the same; in constant time.</summary>
    public static bool AreEqual(SrtpKeys left, SrtpKeys right)
    {
        const int size = SrtpKeys.MasterKeySizeInBytes + SrtpKeys.MasterSaltSizeInBytes;
        Span<byte> ours = stackalloc byte[size];
        Span<byte> theirs = stackalloc byte[size];
        left.ExportMasterKey(ours[..SrtpKeys.MasterKeySizeInBytes]);
        left.ExportMasterSalt(ours[SrtpKeys.MasterKeySizeInBytes..]);
        right.ExportMasterKey(theirs[..SrtpKeys.MasterKeySizeInBytes]);
        right.ExportMasterSalt(theirs[SrtpKeys.MasterKeySizeInBytes..]);
        bool equal = CryptographicOperations.FixedTimeEquals(ours, theirs);
        CryptographicOperations.ZeroMemory(ours);
        CryptographicOperations.ZeroMemory(theirs);
        return equal;
    }
}
