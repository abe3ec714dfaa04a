namespace Watchword.Sip.Tests;

/// <summary>RFC 3903 §6: what a PUBLISH does, and what is refused.</summary>
public sealed class PublicationTests
{
    private static readonly EventStateRules _rules = new()
    {
        EventPackages = ["poc-settings"], MediaTypes = ["multipart/mixed",
            "application/poc-settings+xml"], MinExpires = 60, MaxExpires = 7200, DefaultExpires = 1800,
    };

    private static SipRequest Request(string? eventPackage, string? expires, string? ifMatch, string? type)
    {
        SipRequest request = SipRequest.Create(SipMethods.Publish, Stacks.Psi, Stacks.Alice, Stacks.Alice);
        Add(request, "Event", eventPackage);
        Add(request, "Expires", expires);
        Add(request, "SIP-If-Match", ifMatch);
        Add(request, "Content-Type", type);
        request.Body = type is null ? default : "<x/>"u8.ToArray();
        return request;
    }

    private static void Add(SipRequest request, string name, string? value)
    {
        if (value is not null)
        {
            request.Headers.Add(name, value);
        }
    }

    [Theory]
    [InlineData("3600", null, "application/poc-settings+xml", PublicationKind.Initial, 3600u)]
    [InlineData("3600", "tag", "APPLICATION/poc-settings+xml;charset=utf-8", PublicationKind.Modify, 3600u)]
    [InlineData("3600", "tag", null, PublicationKind.Refresh, 3600u)]
    [InlineData("0", "tag", null, PublicationKind.Remove, 0u)]
    [InlineData("0", null, "application/poc-settings+xml", PublicationKind.Remove, 0u)]
    [InlineData("0", "tag", "text/plain", PublicationKind.Remove, 0u)]
    [InlineData(null, null, "multipart/mixed;boundary=x", PublicationKind.Initial, 1800u)]
    [InlineData("4294967295", null, "multipart/mixed;boundary=x", PublicationKind.Initial, 7200u)]
    [InlineData("60", "tag", null, PublicationKind.Refresh, 60u)]
    public void A_publication_is_what_tag_body_and_time_make_it(string? expires, string? ifMatch, string? type,
        PublicationKind kind, uint granted)
    {
        SipRequest request = Request("Poc-Settings", expires, ifMatch, type);
        Publication.TryRead(request, _rules, out Publication? publication, out _).ShouldBeTrue();
        publication.Kind.ShouldBe(kind);
        publication.Expires.ShouldBe(granted);
        publication.IfMatch.ShouldBe(ifMatch);
        SipResponse response = publication.CreateResponse(request, "new");
        (response.StatusCode, response.Headers.ETag, response.Headers.Expires).ShouldBe((200, "new", granted));
    }

    [Theory]
    [InlineData(null, "3600", null, "application/poc-settings+xml", 489, "Allow-Events", "poc-settings")]
    [InlineData("presence", "3600", null, "application/poc-settings+xml", 489, "Allow-Events", "poc-settings")]
    [InlineData("poc-settings", "1", null, "application/poc-settings+xml", 423, "Min-Expires", "60")]
    [InlineData("poc-settings", "59", "tag", null, 423, "Min-Expires", "60")]
    [InlineData("poc-settings", "3600", null, null, 400, null, null)]
    [InlineData("poc-settings", "3600", "tag", "text/plain", 415, "Accept", "multipart/mixed, application/poc-settings+xml")]
    [InlineData("poc-settings", null, null, "text/plain", 415, "Accept", "multipart/mixed, application/poc-settings+xml")]
    public void What_does_not_fit_is_refused(string? package, string? expires, string? ifMatch, string? type, int code,
        string? field, string? value)
    {
        SipRequest request = Request(package, expires, ifMatch, type);
        Publication.TryRead(request, _rules, out Publication? publication, out SipRefusal? refusal).ShouldBeFalse();
        publication.ShouldBeNull();
        SipResponse response = refusal.CreateResponse(request);
        response.StatusCode.ShouldBe(code);
        if (field is not null)
        {
            response.Headers[field].ShouldBe(value);
        }
    }

    [Theory]
    [InlineData("tag", "tag", null)]
    [InlineData("tag", "TAG", 412)]
    [InlineData("tag", null, 412)]
    [InlineData(null, "tag", null)]
    [InlineData(null, null, null)]
    public void A_tag_must_be_the_current_one(string? ifMatch, string? current, int? code)
    {
        Publication publication = new(PublicationKind.Refresh, SipTokenValue.Parse("poc-settings"), ifMatch, 60);
        (publication.CheckTag(current)?.StatusCode).ShouldBe(code);
    }

    [Fact]
    public void A_publish_is_made_as_it_is_read()
    {
        SipRequest first = Publication.CreateRequest(Stacks.Psi, Stacks.Alice, Stacks.Alice, "poc-settings", 4294967295);
        (first.Headers.Expires, first.Headers.Event!.Value, first.Headers.IfMatch).ShouldBe((4294967295u, "poc-settings", null));
        SipRequest end = Publication.CreateRequest(Stacks.Psi, Stacks.Alice, Stacks.Alice, "poc-settings", 0, "tag");
        Publication.TryRead(end, _rules, out Publication? read, out _).ShouldBeTrue();
        (read.Kind, read.IfMatch).ShouldBe((PublicationKind.Remove, "tag"));
        SipTokens.EntityTag().ShouldNotBe(SipTokens.EntityTag());
    }
}
