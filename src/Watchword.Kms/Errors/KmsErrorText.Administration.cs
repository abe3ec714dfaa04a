namespace Watchword.Kms;

public sealed partial record KmsErrorText
{
    private static KmsErrorText? OfAdministration(KmsError error) => error switch
    {
        KmsError.SeveralRoles => new("the access token has the scopes of several roles", "-",
            "Ask the IdM server for the scope of one role"),
        KmsError.RoleMissing => new("the access token has no scope of a role that may do this", "RFC 6750 3.1",
            "Log in with an account that holds the role, for that role"),
        KmsError.RoleConflict => new("whoever acted in one role in this domain may not act in another there", "-",
            "Let somebody else do it; the operator can allow it with Kms:Admin:AllowCombinedRoles"),
        KmsError.AdminIssuerNotAccepted => new("the issuer of the access token is none whose administrators are accepted", "-",
            "Log in at an IdM server of Kms:Admin:Issuers"),
        KmsError.UnknownAdminResource => new("there is no such resource in the admin API", "-",
            "Look into the description at /admin/openapi.json"),
        KmsError.StoreNotInBackup => new("the store cannot be part of a backup here", "-",
            "Back PostgreSQL up with its own tools, and ask for a backup without the store"),
        _ => null,
    };
}
