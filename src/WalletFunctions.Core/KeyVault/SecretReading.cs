using System.Diagnostics.CodeAnalysis;

namespace WalletFunctions.KeyVault;

/// <summary>Parses a stored text. If it cannot be used, <c>problem</c> completes the sentence "the secret cannot be used: …" without showing the text.</summary>
internal delegate bool SecretParser<T>(string stored, [NotNullWhen(true)] out T? secret, [NotNullWhen(false)] out string? problem)
    where T : class;

/// <summary>Why a secret cannot be read from Key Vault.</summary>
internal enum SecretFault
{
    /// <summary>The vault has no secret of that name.</summary>
    Missing,
    /// <summary>The newest version is disabled or not yet valid.</summary>
    Disabled,
    /// <summary>The newest version is empty, or only white space.</summary>
    Empty,
    /// <summary>The newest version has the wrong form.</summary>
    Unusable,
    /// <summary>The app has no identity, or its identity may not read the secret.</summary>
    Denied,
    /// <summary>No usable answer from Key Vault or the identity endpoint: network, throttling, failure, or time-out.</summary>
    Unreachable,
}

/// <summary>The state of a secret: held in memory, or unavailable.</summary>
/// <typeparam name="T">The type that the secret is parsed into.</typeparam>
internal abstract record SecretReading<T>
    where T : class
{
    private SecretReading()
    {
    }

    /// <summary>Handles both cases, so that a caller cannot forget one.</summary>
    public TResult Match<TResult>(Func<Held, TResult> held, Func<Unavailable, TResult> unavailable) =>
        this is Held value ? held(value) : unavailable((Unavailable)this);

    /// <param name="Value">The secret. Its <c>ToString</c> does not show it.</param>
    /// <param name="Version">Key Vault's name of this version, which is not sensitive.</param>
    public sealed record Held(T Value, string Version) : SecretReading<T>;

    /// <param name="Fault">The kind of failure.</param>
    /// <param name="Detail">What the operator has to correct. It shows no value.</param>
    /// <param name="RetryAfter">When the next read is due.</param>
    public sealed record Unavailable(SecretFault Fault, string Detail, TimeSpan RetryAfter) : SecretReading<T>
    {
        /// <summary>Whether an operator has to correct the secret itself, so that waiting alone does not help.</summary>
        public bool IsMisconfigured => Fault switch
        {
            SecretFault.Missing or SecretFault.Disabled or SecretFault.Empty or SecretFault.Unusable => true,
            SecretFault.Denied or SecretFault.Unreachable => false,
        };
    }
}

/// <summary>What to use in place of a refused secret.</summary>
/// <param name="Reading">
/// A newer secret, or the refused one if Key Vault has no newer one or was not read (see <paramref name="NextRead"/>), or why Key Vault cannot be read.
/// </param>
/// <param name="NextRead">
/// The time until Key Vault may be read again, if it was read too recently to be read for this call. A newer secret may have been stored since then.
/// Null if <paramref name="Reading"/> is as new as this call.
/// </param>
internal readonly record struct SecretReplacement<T>(SecretReading<T> Reading, TimeSpan? NextRead)
    where T : class;
