using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.Kms;

/// <summary>When a client should fetch the key set of the next period: a hint, and no right.</summary>
/// <param name="NotBefore">Not earlier than this.</param>
/// <param name="NotAfter">Not later than this, so that retries fit before the period begins.</param>
public readonly record struct PickUp(DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>
/// Spreads what all clients would otherwise do in the first second of an opening window. The place of an identity follows from a
/// hash: every node says the same, nothing is stored, and in each period it is another one.
/// </summary>
public static class PickUpSchedule
{
    /// <summary>The part of the window over which the begins are spread; the rest is left for those that come late.</summary>
    private const double SpreadOver = 0.8;

    /// <summary>How long a client may take after its begin, as a part of the window.</summary>
    private const double Length = 0.15;

    /// <summary>The hint for one identity.</summary>
    /// <param name="kmsUri">The security domain.</param>
    /// <param name="generation">The generation that will issue.</param>
    /// <param name="periodNumber">The period to be fetched.</param>
    /// <param name="userUri">The identity.</param>
    /// <param name="opens">Begin of the opening window.</param>
    /// <param name="begins">Begin of the period.</param>
    public static PickUp For(
        string kmsUri, int generation, long periodNumber, string userUri, DateTimeOffset opens, DateTimeOffset begins)
    {
        TimeSpan window = begins - opens;
        ArgumentOutOfRangeException.ThrowIfLessThan(window, TimeSpan.Zero, nameof(begins));

        // No part has a line feed: a KMS URI and an identity have no control character.
        string place = string.Create(CultureInfo.InvariantCulture, $"{kmsUri}\n{generation}\n{periodNumber}\n{userUri}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(place), hash);
        double share = BinaryPrimitives.ReadUInt32BigEndian(hash) / (double)uint.MaxValue;

        // Whole seconds: that is what the XML can say.
        DateTimeOffset notBefore = opens + TimeSpan.FromSeconds(Math.Floor((window * (SpreadOver * share)).TotalSeconds));
        return new PickUp(notBefore, notBefore + TimeSpan.FromSeconds(Math.Floor((window * Length).TotalSeconds)));
    }
}
