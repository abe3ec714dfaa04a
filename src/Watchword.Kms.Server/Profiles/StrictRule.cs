namespace Watchword.Kms.Server.Profiles;

/// <summary>The rules that an operator may put into the shadow: the names of <c>Kms:Shadow</c>.</summary>
internal enum StrictRule
{
    /// <summary>A request has a body, where the profile wants one (40001).</summary>
    RequestBody,

    /// <summary>The body is as the schema has it: namespace, elements, version (40001).</summary>
    Namespace,

    /// <summary>KmsUri is the KMS URI of the domain (40002).</summary>
    KmsUri,

    /// <summary>ClientReqUrl is the URL posted to (40003).</summary>
    RequestUrl,

    /// <summary>Time is near the clock (40004).</summary>
    RequestTime,
}
