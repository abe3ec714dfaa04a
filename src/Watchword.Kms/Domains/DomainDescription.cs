using System.Text;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>What an operator decides when he creates a security domain. None of it can be changed later: it enters every
/// UID.</summary>
public sealed record DomainDescription
{
    /// <summary>Longest KMS URI, in octets of UTF-8.</summary>
    public const int MaxKmsUriOctets = 1024;

    /// <summary>Shortest key period, in seconds. Production periods are days or weeks; tests and labs take less.</summary>
    public const long MinPeriodSeconds = 10;

    /// <summary>Makes a description.</summary>
    /// <param name="kmsUri">The KMS URI: any string without white space or control characters.</param>
    /// <param name="schedule">Length and offset of the key periods.</param>
    /// <exception cref="ArgumentException">The KMS URI is empty, too long, or holds characters it must not; the period is too
    /// short.</exception>
    public DomainDescription(string kmsUri, KeyPeriodSchedule schedule)
    {
        ArgumentException.ThrowIfNullOrEmpty(kmsUri);
        ArgumentNullException.ThrowIfNull(schedule);
        if (kmsUri.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar || Rune.IsControl(rune) || Rune.IsWhiteSpace(rune))
            || Encoding.UTF8.GetByteCount(kmsUri) > MaxKmsUriOctets)
        {
            throw new ArgumentException(
                "A KMS URI has no white space and no control character, and at most 1024 octets.", nameof(kmsUri));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(schedule.PeriodSeconds, MinPeriodSeconds, nameof(schedule));
        KmsUri = kmsUri;
        Schedule = schedule;
    }

    /// <summary>The KMS URI.</summary>
    public string KmsUri { get; }

    /// <summary>Length and offset of the key periods.</summary>
    public KeyPeriodSchedule Schedule { get; }

    /// <summary>Names the KMS certificate, or null.</summary>
    public string? CertUri { get; init; }

    /// <summary>Free text naming the issuer, or null.</summary>
    public string? Issuer { get; init; }

    /// <summary>The domains served.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Who creates it, for the audit log.</summary>
    public Authority CreatedBy { get; init; } = Authority.Console;

    /// <summary>True if the lab makes the domain.</summary>
    public bool IsLabData { get; init; }
}
