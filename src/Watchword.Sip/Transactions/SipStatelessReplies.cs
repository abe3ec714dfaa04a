using System.Security.Cryptography;
using System.Text;

namespace Watchword.Sip;

/// <summary>
/// Answers that leave no state behind (RFC 3261 §8.2.7): a repeated request gets the same one, so the tag of To follows from the
/// request.
/// </summary>
internal sealed class SipStatelessReplies(SipStackOptions options)
{
    private const int TagOctets = 12;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>Whether the fields that an answer repeats are there and can be read.</summary>
    public static bool CanBeAnswered(SipRequest request)
    {
        SipHeaders headers = request.Headers;
        try
        {
            return headers.Via.Count > 0 && headers.From is not null && headers.To is not null && headers.CSeq is not null
                && headers.CallId is string callId && SipHeaderRules.IsValid(SipHeaderNames.CallId, callId, out _)
                && headers.GetAll(SipHeaderNames.From).Count() == 1 && headers.GetAll(SipHeaderNames.To).Count() == 1
                && headers.GetAll(SipHeaderNames.CallId).Count() == 1 && headers.GetAll(SipHeaderNames.CSeq).Count() == 1;
        }
        catch (SipFormatException)
        {
            return false;
        }
    }

    /// <summary>A REGISTER whose From is another than its To (RFC 3261 §10.2).</summary>
    public static bool IsThirdPartyRegister(SipRequest request) =>
        request.Method == SipMethods.Register && !request.Headers.From!.Uri.IsEquivalentTo(request.Headers.To!.Uri);

    public static async Task SendAsync(SipResponse response, SipRequest request, SipFlow flow)
    {
        try
        {
            await flow.ForResponse(request.Headers.Via[0]).SendAsync(response.ToArray());
        }
        catch (IOException)
        {
            // Nobody waits for it any more.
        }
    }

    public SipResponse Create(SipRequest request, int status) => request.CreateResponse(status, null, Tag(request));

    private string Tag(SipRequest request)
    {
        SipHeaders headers = request.Headers;
        string text = string.Join('\n', options.SentByHost, headers.Via[0].Branch, headers.CallId, headers.From!.Tag,
            headers.CSeq!.Value.ToString());
        return Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)).AsSpan(0, TagOctets));
    }
}
