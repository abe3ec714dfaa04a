namespace Watchword.Idm.Server.Administration;

/// <summary>A fault that a caller of the admin API may meet; each code has a line in docs/errors/idm.md.</summary>
/// <param name="Code">Stable; programs compare it.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">For people.</param>
public sealed record IdmFault(string Code, int Status, string Title)
{
    /// <summary>No bearer token.</summary>
    public static readonly IdmFault TokenMissing = new("idm.token-missing", 401, "An access token is needed.");

    /// <summary>A bearer token that does not hold.</summary>
    public static readonly IdmFault TokenInvalid = new("idm.token-invalid", 401, "The access token is not valid.");

    /// <summary>A good token without the scope.</summary>
    public static readonly IdmFault ScopeMissing = new("idm.scope-missing", 403, "The access token lacks the scope watchword:idm:admin.");

    /// <summary>The account of the token may not administrate (any more).</summary>
    public static readonly IdmFault NotAdministrator = new("idm.not-administrator", 403, "The account is not an enabled administrator.");

    /// <summary>The one-time code does not hold.</summary>
    public static readonly IdmFault CodeRefused = new("idm.code-refused", 403, "The one-time code is wrong, was used, or has expired.");

    /// <summary>The body cannot be read.</summary>
    public static readonly IdmFault BodyInvalid = new("idm.body-invalid", 400, "The body is not the JSON that this request needs.");

    /// <summary>The body is too long.</summary>
    public static readonly IdmFault BodyTooLong = new("idm.body-too-long", 413, "The body is too long.");

    /// <summary>Not a usable log-in name.</summary>
    public static readonly IdmFault UserNameInvalid = new("idm.user-name-invalid", 400, "The user name is not valid.");

    /// <summary>There is such an account already.</summary>
    public static readonly IdmFault UserNameTaken = new("idm.user-name-taken", 409, "There is an account with this user name.");

    /// <summary>The password is not acceptable.</summary>
    public static readonly IdmFault PasswordWeak = new("idm.password-weak", 400, "The password is too short.");

    /// <summary>Not a URI that can be keyed.</summary>
    public static readonly IdmFault IdentityInvalid = new("idm.identity-invalid", 400, "The identity is not a sip:, sips: or tel: URI that can be keyed.");

    /// <summary>This issuer may not assert it.</summary>
    public static readonly IdmFault IdentityForeign = new("idm.identity-foreign", 400, "The identity is outside the identity domains of this issuer.");

    /// <summary>Another account or an entity owns it.</summary>
    public static readonly IdmFault IdentityTaken = new("idm.identity-taken", 409, "The identity belongs to another account or to a network entity.");

    /// <summary>No such account.</summary>
    public static readonly IdmFault AccountUnknown = new("idm.account-unknown", 404, "There is no such account.");

    /// <summary>At least one row is refused, so none was taken.</summary>
    public static readonly IdmFault ImportRefused = new("idm.import-refused", 400, "At least one row is refused; no account was made.");

    /// <summary>The last administrator would be lost.</summary>
    public static readonly IdmFault LastAdministrator = new("idm.last-administrator", 409, "The last enabled administrator cannot be disabled.");

    /// <summary>No such role.</summary>
    public static readonly IdmFault RoleUnknown = new("idm.role-unknown", 404, "There is no such role.");

    /// <summary>The account holds another role.</summary>
    public static readonly IdmFault RoleConflict = new("idm.role-conflict", 409, "The account holds another role at the KMS.");

    /// <summary>The registration of a client is not sound.</summary>
    public static readonly IdmFault ClientInvalid = new("idm.client-invalid", 400, "The registration of the client is not valid.");

    /// <summary>There is such a client already.</summary>
    public static readonly IdmFault ClientTaken = new("idm.client-taken", 409, "There is a client with this client_id.");

    /// <summary>No such client.</summary>
    public static readonly IdmFault ClientUnknown = new("idm.client-unknown", 404, "There is no such client.");

    /// <summary>No such user of a primary.</summary>
    public static readonly IdmFault ForeignSubjectUnknown = new("idm.foreign-subject-unknown", 404, "There is no such user of a primary IdM server.");

    /// <summary>No such primary.</summary>
    public static readonly IdmFault PrimaryUnknown = new("idm.primary-unknown", 404, "There is no such primary IdM server.");

    /// <summary>No such address.</summary>
    public static readonly IdmFault NotFound = new("idm.not-found", 404, "There is nothing at this address.");

    /// <summary>Wrong method.</summary>
    public static readonly IdmFault MethodRefused = new("idm.method-refused", 405, "This address does not take this method.");

    /// <summary>Wrong content type.</summary>
    public static readonly IdmFault MediaTypeRefused = new("idm.media-type-refused", 415, "This address takes application/json.");

    /// <summary>Any other fault of the request.</summary>
    public static readonly IdmFault RequestInvalid = new("idm.request-invalid", 400, "The request is not valid.");

    /// <summary>A fault of the server.</summary>
    public static readonly IdmFault ServerFailed = new("idm.server-failed", 500, "The server failed.");

    /// <summary>The server cannot do its work yet.</summary>
    public static readonly IdmFault NotReady = new("idm.not-ready", 503, "The server is not ready.");

    /// <summary>Every fault, for the page that explains them.</summary>
    public static IReadOnlyList<IdmFault> All { get; } =
    [
        TokenMissing, TokenInvalid, ScopeMissing, NotAdministrator, CodeRefused, BodyInvalid, BodyTooLong, UserNameInvalid,
        UserNameTaken, PasswordWeak, IdentityInvalid, IdentityForeign, IdentityTaken, AccountUnknown, ImportRefused,
        LastAdministrator, RoleUnknown, RoleConflict, ClientInvalid, ClientTaken, ClientUnknown,
        ForeignSubjectUnknown, PrimaryUnknown, NotFound, MethodRefused, MediaTypeRefused, RequestInvalid, ServerFailed, NotReady,
    ];

    /// <summary>The fault that stands for a bare HTTP status.</summary>
    public static IdmFault ForStatus(int status) => status switch
    {
        404 => NotFound,
        405 => MethodRefused,
        413 => BodyTooLong,
        415 => MediaTypeRefused,
        >= 500 => ServerFailed,
        _ => RequestInvalid,
    };
}

/// <summary>Carries a fault to the boundary; the detail holds no value of the request.</summary>
public sealed class IdmFaultException(IdmFault fault, string? detail = null, Exception? inner = null)
    : Exception(detail ?? fault.Title, inner)
{
    /// <summary>The fault.</summary>
    public IdmFault Fault { get; } = fault;

    /// <summary>What is wrong this time.</summary>
    public string? Detail { get; } = detail;

    /// <summary>The refused rows of an import.</summary>
    public IReadOnlyList<Watchword.Identity.Administration.ImportRowError>? Rows { get; init; }
}
