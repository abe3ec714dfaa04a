using System.Text;
using Watchword.KeyManagement;

namespace Watchword.Fuzz;

/// <summary>
/// The path of a request: the identity and the time that a token must cover stand in it, so two readings of one path would be a hole.
/// Octets are taken one character each, as an HTTP server hands them over. Identifier and timestamp grammars come along.
/// </summary>
internal sealed class TokenPathTarget : IFuzzTarget
{
    public string Name => "token-path";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        "/keymanagement/identity/v1"u8.ToArray(), "/init"u8.ToArray(), "/keyprov/"u8.ToArray(), "/certcache/"u8.ToArray(), "/cert/"u8.ToArray(),
        "/lookup/"u8.ToArray(), "/redirect"u8.ToArray(), "sip%3Auser%40example.org"u8.ToArray(), "%2F"u8.ToArray(), "%252F"u8.ToArray(), "%00"u8.ToArray(),
        "%C0%AF"u8.ToArray(), "%ED%A0%80"u8.ToArray(), ".."u8.ToArray(), "%2e%2E"u8.ToArray(), "//"u8.ToArray(), "?"u8.ToArray(), "#"u8.ToArray(), "D6B4323200000000"u8.ToArray(),
        "https://kms.example.org"u8.ToArray(), "*"u8.ToArray(),
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        string text = Encoding.Latin1.GetString(input.Span);
        string path = AnnexDPaths.PathOf(text);
        FuzzTargets.Require(AnnexDPaths.PathOf(path) == path || !path.StartsWith('/'), "cutting a path out twice changes nothing");
        CheckUserId(text);
        if (NtpTimestamp.TryParseHex(text, out ulong time))
        {
            FuzzTargets.Require(NtpTimestamp.ToHex(time) == text, "a timestamp is written as it was read");
            _ = NtpTimestamp.ToDateTimeOffset(time, NtpTimestamp.Epoch.AddYears(126));
        }

        if (!AnnexDPaths.TryParse(path, out AnnexDTarget? target))
        {
            return $"refused {Math.Min(path.Count(c => c == '/'), 8)} {path.Contains('%', StringComparison.Ordinal)}";
        }

        string built = AnnexDPaths.Build(target);
        FuzzTargets.Require(AnnexDPaths.TryParse(built, out AnnexDTarget? again) && again == target, "a path reads back as the target it was built for");
        FuzzTargets.Require(target.Argument?.Any(char.IsControl) != true, "no control character comes through");
        return $"{target.Operation} {target.Argument is not null} {target.Time is not null}";
    }

    private static void CheckUserId(string text)
    {
        if (UserId.TryParse(text, out UserId? userId))
        {
            FuzzTargets.Require(UserId.TryParse(userId.ToBase64(), out UserId? again) && again.Equals(userId), "a UID reads back from base64");
            FuzzTargets.Require(UserId.TryParse(userId.ToHex(), out again) && again.Equals(userId), "a UID reads back from hexadecimal");
        }
    }
}
