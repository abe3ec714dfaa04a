namespace Watchword.McServices.Xcap;

/// <summary>The error elements of RFC 4825 §11.2. The numbers are stable.</summary>
public enum XcapErrorKind
{
    /// <summary>The body is not a well-formed document.</summary>
    NotWellFormed = 0,

    /// <summary>The body is not a well-balanced fragment of exactly one element.</summary>
    NotXmlFragment = 1,

    /// <summary>There is no parent to insert into.</summary>
    NoParent = 2,

    /// <summary>The document would no longer hold its schema.</summary>
    SchemaValidationError = 3,

    /// <summary>The body is not a value of an attribute.</summary>
    NotXmlAttributeValue = 4,

    /// <summary>What was inserted would not be found under the request URI.</summary>
    CannotInsert = 5,

    /// <summary>Something else would be found under the request URI after the deletion.</summary>
    CannotDelete = 6,

    /// <summary>A value that must be unique is taken, or may not be chosen by the client.</summary>
    UniquenessFailure = 7,

    /// <summary>A constraint of the application usage is not held.</summary>
    ConstraintFailure = 8,

    /// <summary>An error outside RFC 4825.</summary>
    Extension = 9,

    /// <summary>The body is not encoded in UTF-8.</summary>
    NotUtf8 = 10,
}
