namespace Watchword.Sip;

/// <summary>Why a request cannot be served, as the response says it.</summary>
/// <param name="StatusCode">400 to 699.</param>
/// <param name="Headers">Fields that go with the code, such as Min-Expires with 423.</param>
public sealed record SipRefusal(int StatusCode, params IReadOnlyList<SipHeader> Headers)
{
    /// <summary>The response to the request that was refused.</summary>
    public SipResponse CreateResponse(SipRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        SipResponse response = request.CreateResponse(StatusCode);
        foreach (SipHeader field in Headers)
        {
            response.Headers.Add(field.Name, field.Value);
        }

        return response;
    }
}
