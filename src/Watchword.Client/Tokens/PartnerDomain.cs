namespace Watchword.Client;

/// <summary>Another domain whose services a user of this one is given (TS 33.180 5.1.4). The user profile names both addresses (C.2).</summary>
/// <param name="Idm">The client of its IdM server, under the <c>client_id</c> that is registered in both domains (B.6). The caller
/// disposes it.</param>
/// <param name="Resource">What the home IdM server knows it by (B.7.2); the same value stands in <c>aud</c>. Mostly its issuer.</param>
public sealed record PartnerDomain(IdmClient Idm, string Resource);
