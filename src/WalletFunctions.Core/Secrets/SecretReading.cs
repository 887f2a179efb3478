namespace WalletFunctions.Secrets;

/// <summary>Why a secret cannot be had from Key Vault.</summary>
public enum SecretFault
{
    /// <summary>The vault holds no secret of that name.</summary>
    Missing,

    /// <summary>The newest version is disabled or not yet valid.</summary>
    Disabled,

    /// <summary>The newest version is empty, or only white space.</summary>
    Empty,

    /// <summary>The newest version holds something that cannot be what it should.</summary>
    Unusable,

    /// <summary>The app has no identity, or its identity has no right to read the secret.</summary>
    Denied,

    /// <summary>No usable answer from Key Vault or the identity endpoint: network, throttling, failure, or no answer in time.</summary>
    Unreachable,
}

/// <summary>What is known of a secret now: that it is held, or why not.</summary>
/// <typeparam name="T">What the secret is.</typeparam>
public abstract record SecretReading<T>
    where T : class
{
    private SecretReading()
    {
    }

    /// <summary>Both cases at once, so that none can be forgotten.</summary>
    public abstract TResult Match<TResult>(Func<Held, TResult> held, Func<Unavailable, TResult> unavailable);

    /// <summary>The secret is at hand.</summary>
    /// <param name="Value">The secret, ready for use; its <c>ToString</c> does not show it.</param>
    /// <param name="Version">Key Vault's name of this version; not sensitive.</param>
    public sealed record Held(T Value, string Version) : SecretReading<T>
    {
        /// <inheritdoc />
        public override TResult Match<TResult>(Func<Held, TResult> held, Func<Unavailable, TResult> unavailable) => held(this);
    }

    /// <summary>The secret is not at hand.</summary>
    /// <param name="Fault">Why.</param>
    /// <param name="Detail">The same as a sentence that names what to mend and shows no value.</param>
    /// <param name="RetryAfter">When the next read is due.</param>
    public sealed record Unavailable(SecretFault Fault, string Detail, TimeSpan RetryAfter) : SecretReading<T>
    {
        /// <summary>Whether somebody has to mend the secret itself, so that waiting alone does not help.</summary>
        public bool IsMisconfigured => Fault switch
        {
            SecretFault.Missing or SecretFault.Disabled or SecretFault.Empty or SecretFault.Unusable => true,
            SecretFault.Denied or SecretFault.Unreachable => false,
        };

        /// <inheritdoc />
        public override TResult Match<TResult>(Func<Held, TResult> held, Func<Unavailable, TResult> unavailable) => unavailable(this);
    }
}

/// <summary>What to use in place of a secret that was refused.</summary>
/// <typeparam name="T">What the secret is.</typeparam>
/// <param name="Reading">
/// A newer secret; the same, where Key Vault holds no other or was not read (see <paramref name="NextRead"/>); or why Key Vault could not be read.
/// </param>
/// <param name="NextRead">
/// Null where <paramref name="Reading"/> is as new as this call. Otherwise Key Vault was read too recently to be read again, a newer secret may have been
/// stored since, and this is how long it takes until a call reads again.
/// </param>
public readonly record struct SecretReplacement<T>(SecretReading<T> Reading, TimeSpan? NextRead)
    where T : class;
