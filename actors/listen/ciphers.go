package listen

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
)

// suite is a cipher suite up to TLS 1.2 that both OpenSSL 3 and crypto/tls have: its OpenSSL name and the words that choose
// it in a cipher string.
type suite struct {
	id    uint16
	name  string
	words string
}

const (
	ecdhe   = "ALL DEFAULT HIGH ECDHE EECDH kECDHE kEECDH ECDH "
	rsaKey  = "ALL DEFAULT HIGH kRSA aRSA RSA "
	rsaSig  = ecdhe + "aRSA "
	ecSig   = ecdhe + "aECDSA ECDSA "
	gcm128  = "AES AES128 AESGCM TLSv1.2"
	gcm256  = "AES AES256 AESGCM TLSv1.2"
	chacha  = "CHACHA20 TLSv1.2"
	cbc128  = "AES AES128 CBC SHA SHA1 "
	cbc256  = "AES AES256 CBC SHA SHA1 "
	cbcSHA2 = "AES AES128 CBC SHA256 TLSv1.2"
	tls10   = "TLSv1 TLSv1.0"
)

// suites are in no order: crypto/tls has its own order of preference.
func suites() []suite {
	return []suite{
		{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", ecSig + gcm128},
		{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", ecSig + gcm256},
		{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305", ecSig + chacha},
		{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "ECDHE-ECDSA-AES128-SHA256", ecSig + cbcSHA2},
		{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES128-SHA", ecSig + cbc128 + tls10},
		{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "ECDHE-ECDSA-AES256-SHA", ecSig + cbc256 + tls10},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", rsaSig + gcm128},
		{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", rsaSig + gcm256},
		{tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-RSA-CHACHA20-POLY1305", rsaSig + chacha},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "ECDHE-RSA-AES128-SHA256", rsaSig + cbcSHA2},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES128-SHA", rsaSig + cbc128 + tls10},
		{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE-RSA-AES256-SHA", rsaSig + cbc256 + tls10},
		{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES128-GCM-SHA256", rsaKey + gcm128},
		{tls.TLS_RSA_WITH_AES_256_GCM_SHA384, "AES256-GCM-SHA384", rsaKey + gcm256},
		{tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "AES128-SHA256", rsaKey + cbcSHA2},
		{tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES128-SHA", rsaKey + cbc128 + "SSLv3"},
		{tls.TLS_RSA_WITH_AES_256_CBC_SHA, "AES256-SHA", rsaKey + cbc256 + "SSLv3"},
	}
}

// without are words of OpenSSL for suites that crypto/tls does not have, or that nobody should use and OpenSSL 3 is built
// without (RC4, 3DES). The second group also occurs in names of such suites.
const (
	without = " aNULL eNULL COMPLEMENTOFALL COMPLEMENTOFDEFAULT EXPORT LOW MEDIUM SSLv2 TLSv1.1 SHA384 AESCCM AESCCM8 " +
		"ARIAGCM kDHE kEDH kDH kDHr kDHd aDH kECDHr kECDHe aECDH aDSS kPSK aPSK kRSAPSK kECDHEPSK kDHEPSK kSRP aSRP 3DES RC2 "
	withoutParts = " NULL EXP DHE EDH DH ADH AECDH DSS PSK SRP CAMELLIA CAMELLIA128 CAMELLIA256 " +
		"ARIA ARIA128 ARIA256 SEED IDEA DES RC4 MD5 CCM CCM8 "
	withoutNames = " ECDHE-ECDSA-AES256-SHA384 ECDHE-RSA-AES256-SHA384 AES256-SHA256 TLS_AES_128_GCM_SHA256 " +
		"TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_CCM_SHA256 TLS_AES_128_CCM_8_SHA256 "
)

// chooseCiphers reads a cipher string of OpenSSL (ciphers(1)): words, words joined by "+", the operators "!", "-" and "+",
// and @STRENGTH. ignored are the words that ask only for suites which OpenSSL knows and suites does not have. OpenSSL skips
// words that it does not know, so that a misspelt one opens or closes a door unseen: here they are refused, and so is
// @SECLEVEL, which crypto/tls has nothing like.
func chooseCiphers(list string) (chosen []suite, ignored []string, err error) {
	var on, never uint64 // one bit for each of the suites
	all := suites()
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(":,; ", r) }) {
		if item == "@STRENGTH" {
			continue
		}
		words := strings.TrimLeft(item, "!-+")
		match, known := matching(all, words)
		switch operator := item[:len(item)-len(words)]; {
		case !known:
			return nil, nil, fmt.Errorf("ssl ciphers %q: %q is not supported", list, item)
		case operator == "!":
			on, never = on&^match, never|match
		case operator == "-":
			on &^= match
		case operator == "+": // moves what is chosen to the end, and crypto/tls has its own order
		case operator == "":
			on |= match &^ never
			if match == 0 {
				ignored = append(ignored, words)
			}
		default:
			return nil, nil, fmt.Errorf("ssl ciphers %q: %q is not supported", list, item)
		}
	}
	for i, s := range all {
		if on&(1<<i) != 0 {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return nil, nil, fmt.Errorf("ssl ciphers %q: no cipher is left", list)
	}
	return chosen, ignored, nil
}

// matching returns the suites that have every one of the words joined by "+".
func matching(all []suite, words string) (match uint64, known bool) {
	match = 1<<len(all) - 1
	for word := range strings.SplitSeq(words, "+") {
		var having uint64
		for i, s := range all {
			if s.name == word || slices.Contains(strings.Fields(s.words), word) {
				having |= 1 << i
			}
		}
		if having == 0 && !isWithout(word) {
			return 0, false
		}
		match &= having
	}
	return match, true
}

func isWithout(word string) bool {
	if word == "" {
		return false
	}
	if strings.Contains(without+withoutNames, " "+word+" ") {
		return true
	}
	for part := range strings.SplitSeq(word, "-") {
		if part != "" && strings.Contains(withoutParts, " "+part+" ") {
			return true
		}
	}
	return false
}
