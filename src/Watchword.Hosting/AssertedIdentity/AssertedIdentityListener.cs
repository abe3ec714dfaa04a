using Microsoft.AspNetCore.Http;

namespace Watchword.Hosting;

/// <summary>Marks the connections of a listener for asserted identities, for the requests on them to find.</summary>
public sealed class AssertedIdentityListener
{
    private AssertedIdentityListener()
    {
    }

    /// <summary>The mark.</summary>
    public static AssertedIdentityListener Mark { get; } = new();

    /// <summary>True if the request came in on such a listener.</summary>
    public static bool Has(HttpContext context) =>
        context?.Features.Get<AssertedIdentityListener>() is not null;
}
